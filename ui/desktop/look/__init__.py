"""How the window looks: tokens of colours, fonts, icons and the style sheet."""
