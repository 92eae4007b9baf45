namespace MailServer.Protocol.ContentLines;

/// <summary>The kinds of syntax error in an iCalendar or vCard text.</summary>
public enum ContentFaultKind
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
}

/// <summary>A syntax error and the 1-based physical line where the content line starts.</summary>
public sealed record ContentFault(ContentFaultKind Kind, int Line)
{
    public override string ToString() => $"line {Line}: {Text(Kind)}";

    private static string Text(ContentFaultKind kind) => kind switch
    {
        ContentFaultKind.TextTooLong => "the text is too long",
        ContentFaultKind.LineTooLong => "the line is too long",
        ContentFaultKind.TooManyLines => "too many lines",
        ContentFaultKind.TooManyParameters => "too many parameters",
        ContentFaultKind.NestedTooDeep => "components are nested too deep",
        ContentFaultKind.NoName => "no property name",
        ContentFaultKind.NoValue => "no colon before a value",
        ContentFaultKind.UnclosedQuote => "a quoted parameter value does not end",
        ContentFaultKind.OutsideComponent => "a property outside of a component",
        ContentFaultKind.WrongEnd => "END does not match BEGIN",
        ContentFaultKind.MissingEnd => "a component does not end",
        _ => "the text is empty",
    };
}
