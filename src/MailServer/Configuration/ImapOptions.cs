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
