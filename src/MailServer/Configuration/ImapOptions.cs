namespace MailServer.Configuration;

/// <summary>Section <c>imap</c>.</summary>
public sealed record ImapOptions
{
    [Key(
        "IMAP capabilities that are not announced and whose commands are refused, for clients that do not work with one, such as `COMPRESS=DEFLATE` or `QRESYNC`.",
        Value = nameof(ConfigurationValues.ImapCapability))]
    public IReadOnlyList<string> DisabledCapabilities { get; init; } = [];
}
