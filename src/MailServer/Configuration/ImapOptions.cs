using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap;

namespace MailServer.Configuration;

/// <summary>Section <c>imap</c>.</summary>
public sealed record ImapOptions
{
    [Key(
        "IMAP capabilities that are not announced and whose commands are refused, for clients that do not work with one, such as `COMPRESS=DEFLATE` or `QRESYNC`.",
        Value = nameof(ConfigurationValues.ImapCapability))]
    public IReadOnlyList<string> DisabledCapabilities { get; init; } = [];

    [Key("The same for the clients of single accounts: the address of the account, a space, and the capability.", Value = nameof(ConfigurationValues.AccountCapability), Example = "alice@example.org QRESYNC")]
    public IReadOnlyList<string> DisabledForAccounts { get; init; } = [];

    [Key(
        "The same for single programs: the beginning of the name and version that the program sends (IMAP ID, shown by `mailserver sessions list`), a space, and the capability. It takes effect when the program has sent its name.",
        Value = nameof(ConfigurationValues.ClientCapability), Example = "Old Mail 3 COMPRESS=DEFLATE")]
    public IReadOnlyList<string> DisabledForClients { get; init; } = [];

    [Key(
        "Keep an index of the text of all mail, so that searches for text (SEARCH BODY, TEXT, SUBJECT, FROM and so on) are answered at once. The index of an account is the file `search.db` in its folder. "
        + "When this is set to false, the files are removed as their mailboxes are opened, and searches read the messages.")]
    public bool SearchIndex { get; init; } = true;

    [Key("How users reach the administrator, as a URI. Mail clients can show it (IMAP annotation `/shared/admin`).", Example = "mailto:admin@example.org")]
    public string? AdminContact { get; init; }

    [Key("A note about the server for its users. Mail clients can show it (IMAP annotation `/shared/comment`).", Example = "Maintenance on Sunday from 6 to 7")]
    public string? Comment { get; init; }

    /// <summary>All capabilities that are disabled, and for whom.</summary>
    public DisabledCapabilities Disabled => new()
    {
        ForAll = DisabledCapabilities.ToHashSet(StringComparer.Ordinal),
        ForAccounts = [.. DisabledForAccounts.Select(static entry => (EmailAddress.Parse(WhoOf(entry)), CapabilityOf(entry)))],
        ForClients = [.. DisabledForClients.Select(static entry => (WhoOf(entry), CapabilityOf(entry)))],
    };

    /// <summary>The annotations of the server (RFC 5464 §3.2.1.1).</summary>
    public IReadOnlyList<Annotation> ServerAnnotations =>
    [
        .. new[] { ("/shared/admin", AdminContact), ("/shared/comment", Comment) }
            .Where(static entry => entry.Item2 is not null).Select(static entry => new Annotation(entry.Item1, Encoding.UTF8.GetBytes(entry.Item2!))),
    ];

    private static string WhoOf(string entry) => entry[..entry.LastIndexOf(' ')];

    private static string CapabilityOf(string entry) => entry[(entry.LastIndexOf(' ') + 1)..];
}
