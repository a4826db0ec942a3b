"""FCC Covered List: equipment and services by producer, and categories of things by place of production."""
