namespace MailServer.Protocol.ContentLines;

/// <summary>The kinds of syntax error in an iCalendar or vCard text.</summary>
public enum ContentLineFaultKind
{
    TextTooLong,
    LineTooLong,
    TooManyLines,
    TooManyParameters,
    NestedTooDeep,
    NoName,
    NoValue,
    UnclosedQuote,
    OutsideComponent,
    WrongEnd,
    MissingEnd,
    Empty,
    NotUtf8,
    ControlCharacter,
}

/// <summary>A syntax error and the 1-based physical line where the content line starts.</summary>
public sealed record ContentLineFault(ContentLineFaultKind Kind, int Line)
{
    /// <summary>The error without the line.</summary>
    public string Reason => Text(Kind);

    public override string ToString() => $"line {Line}: {Reason}";

    private static string Text(ContentLineFaultKind kind) => kind switch
    {
        ContentLineFaultKind.TextTooLong => "the text is too long",
        ContentLineFaultKind.LineTooLong => "the line is too long",
        ContentLineFaultKind.TooManyLines => "too many lines",
        ContentLineFaultKind.TooManyParameters => "too many parameters",
        ContentLineFaultKind.NestedTooDeep => "components are nested too deep",
        ContentLineFaultKind.NoName => "no property name",
        ContentLineFaultKind.NoValue => "no colon before a value",
        ContentLineFaultKind.UnclosedQuote => "a quoted parameter value does not end",
        ContentLineFaultKind.OutsideComponent => "a property outside of a component",
        ContentLineFaultKind.WrongEnd => "END does not match BEGIN",
        ContentLineFaultKind.MissingEnd => "a component does not end",
        ContentLineFaultKind.NotUtf8 => "the text is not UTF-8, and no other charset is declared",
        ContentLineFaultKind.ControlCharacter => "a control character or noncharacter (U+FFFE, U+FFFF)",
        _ => "the text is empty",
    };
}
