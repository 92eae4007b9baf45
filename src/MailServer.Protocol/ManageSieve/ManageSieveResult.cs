using System.Globalization;
using MailServer.Domain.Mailboxes;

namespace MailServer.Protocol.ManageSieve;

/// <summary>The final response to a command (RFC 5804 §1.3).</summary>
/// <param name="Status">OK, NO or BYE.</param>
/// <param name="Code">The response code; null without one.</param>
/// <param name="Text">What people read; null without text.</param>
/// <param name="Argument">The argument of the response code; null without one.</param>
internal sealed record ManageSieveResult(string Status, string? Code, string? Text, byte[]? Argument = null)
{
    public static ManageSieveResult Ok(string text, string? code = null, byte[]? argument = null) => new("OK", code, text, argument);

    public static ManageSieveResult No(string text, string? code = null) => new("NO", code, text);

    /// <summary>The response for a refusal of the mailbox (RFC 5804 §1.3).</summary>
    public static ManageSieveResult From(MailboxRefusal refusal) => refusal switch
    {
        MailboxRefusal.NoSuchScript => No("There is no script of this name", "NONEXISTENT"),
        MailboxRefusal.ScriptExists => No("There is a script of this name already", "ALREADYEXISTS"),
        MailboxRefusal.ScriptIsActive => No("The script is active. Activate another one, or none, first", "ACTIVE"),
        MailboxRefusal.InvalidScriptName => InvalidName,
        MailboxRefusal.TooManyScripts => No("There are too many scripts. Delete one first", "QUOTA/MAXSCRIPTS"),
        MailboxRefusal.ScriptTooLarge => No("The script is too large", "QUOTA/MAXSIZE"),
        MailboxRefusal.LimitReached => No("All scripts together are too large. Delete one first", "QUOTA"),
        _ => Unavailable,
    };

    public static ManageSieveResult InvalidName { get; } = No(string.Create(
        CultureInfo.InvariantCulture, $"A name has 1 to {StoredScript.MaxNameOctets} octets of UTF-8 and no control characters"));

    public static ManageSieveResult Unavailable { get; } = No("The mailbox does not answer. Try again later", "TRYLATER");
}
