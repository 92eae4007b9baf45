namespace MailServer.Configuration;

/// <summary>Section <c>push</c>.</summary>
public sealed record PushOptions
{
    [Key("Notify subscribed clients of changes at once, over their push services.")]
    public bool Enabled { get; init; } = true;

    [Key("Also allow push services on this machine and in private networks, without checking their certificates. For tests only.")]
    public bool PrivateHosts { get; init; }
}
