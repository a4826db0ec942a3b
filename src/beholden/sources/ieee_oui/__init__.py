"""To whom the IEEE has assigned blocks of hardware addresses."""
