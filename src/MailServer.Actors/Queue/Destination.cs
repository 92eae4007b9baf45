using MailServer.Domain.Delivery;
using MailServer.Protocol.TransportSecurity;

namespace MailServer.Actors.Queue;

/// <summary>The destination of queued mail: one domain, or a relay host that serves many.</summary>
/// <param name="Name">The domain, or a unique name of the relay host.</param>
/// <param name="Relay">Null: the domain's own mail exchangers.</param>
internal sealed record Destination(string Name, RelayHost? Relay)
{
    /// <summary>The mailboxes of this server; the name cannot be a domain.</summary>
    public static Destination Mailboxes { get; } = new("(mailboxes)", null);

    /// <summary>The domain; without a relay host the same as the name.</summary>
    public string Domain { get; } = Name;

    public MessageTlsRequirement TlsRequirement { get; private init; }

    /// <summary>
    /// The same destination for a message with its own TLS requirements (RFC 8689). It uses separate connections, and a host's failure to meet one
    /// requirement does not affect other messages.
    /// </summary>
    public Destination For(QueueItem item) => item switch
    {
        { RequireTls: true } => this with { Name = Name + " REQUIRETLS", TlsRequirement = MessageTlsRequirement.Verified },
        { TlsOptional: true } => this with { Name = Name + " TLS-Required: No", TlsRequirement = MessageTlsRequirement.Optional },
        _ => this,
    };
}
