namespace MailServer.Protocol.Sieve.Rules;

/// <summary>What a script is for the page.</summary>
/// <param name="Rules">The rules; null if the script is more or something else.</param>
/// <param name="Fault">Why it is not a script of rules, with its line; null if it is.</param>
public sealed record RuleScriptReading(MailRules? Rules, string? Fault);

/// <summary>Something in a script that no rule says.</summary>
internal sealed class NoRuleException(int offset, string message) : Exception(message)
{
    /// <summary>Where it is in the script.</summary>
    public int Offset => offset;
}

/// <summary>A condition, action or rule is wrong; the message says what is right.</summary>
public sealed class RuleFormatException(string message) : Exception(message);
