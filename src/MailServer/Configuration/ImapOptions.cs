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
}
