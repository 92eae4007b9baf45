using System.Text;
using MailServer.Domain.Mailboxes;

namespace MailServer.Configuration;

/// <summary>Section <c>imap</c>.</summary>
public sealed record ImapOptions
{
    [Key(
        "IMAP capabilities that are not announced and whose commands are refused, for clients that do not work with one, such as `COMPRESS=DEFLATE` or `QRESYNC`.",
        Value = nameof(ConfigurationValues.ImapCapability))]
    public IReadOnlyList<string> DisabledCapabilities { get; init; } = [];

    [Key(
        "Keep an index of the text of all mail, so that searches for text (SEARCH BODY, TEXT, SUBJECT, FROM and so on) are answered at once. The index of an account is the file `search.db` in its folder. "
        + "When this is set to false, the files are removed as their mailboxes are opened, and searches read the messages.")]
    public bool SearchIndex { get; init; } = true;

    [Key("How users reach the administrator, as a URI. Mail clients can show it (IMAP annotation `/shared/admin`).", Example = "mailto:admin@example.org")]
    public string? AdminContact { get; init; }

    [Key("A note about the server for its users. Mail clients can show it (IMAP annotation `/shared/comment`).", Example = "Maintenance on Sunday from 6 to 7")]
    public string? Comment { get; init; }

    /// <summary>The annotations of the server (RFC 5464 §3.2.1.1).</summary>
    public IReadOnlyList<Annotation> ServerAnnotations =>
    [
        .. new[] { ("/shared/admin", AdminContact), ("/shared/comment", Comment) }
            .Where(static entry => entry.Item2 is not null).Select(static entry => new Annotation(entry.Item1, Encoding.UTF8.GetBytes(entry.Item2!))),
    ];
}
