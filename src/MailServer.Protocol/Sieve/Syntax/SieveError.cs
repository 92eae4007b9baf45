namespace MailServer.Protocol.Sieve.Syntax;

/// <summary>An error of a script with its place.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column in characters, from 1.</param>
/// <param name="Message">What is wrong or what was expected.</param>
/// <param name="Suggestion">What would be right; null if unknown.</param>
public sealed record SieveError(int Line, int Column, string Message, string? Suggestion = null)
{
    /// <summary>The error as people read it in an editor of scripts.</summary>
    public string ToSentence() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"line {Line}, column {Column}: {Message}{(Suggestion is null ? "" : "; " + Suggestion)}");

    public override string ToString() => Suggestion is null ? $"{Line}:{Column}: {Message}" : $"{Line}:{Column}: {Message}; {Suggestion}";
}
