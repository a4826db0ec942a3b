"""Tempo: sessions whose pace, breadth and evenness are beyond a person at a keyboard. Behaviour, never a finding."""
