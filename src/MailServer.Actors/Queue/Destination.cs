using MailServer.Domain.Delivery;
using MailServer.Protocol.TransportSecurity;

namespace MailServer.Actors.Queue;

/// <summary>Where a partition's mail for one domain, or for many, goes.</summary>
/// <param name="Name">The domain, or what tells the relay host from others.</param>
/// <param name="Relay">Null: the domain's own mail exchangers.</param>
internal sealed record Destination(string Name, RelayHost? Relay)
{
    /// <summary>The mailboxes of this node; no domain has that name.</summary>
    public static Destination Mailboxes { get; } = new("(mailboxes)", null);

    /// <summary>The domain, where there is no relay.</summary>
    public string Domain { get; } = Name;

    public TlsWish Wish { get; private init; }

    /// <summary>
    /// The same place for a message that asks more or less of TLS than others (RFC 8689): it is met over connections of its own, and that a
    /// host does not do for the one says nothing about the other.
    /// </summary>
    public Destination For(QueueItem item) => item switch
    {
        { RequireTls: true } => this with { Name = Name + " REQUIRETLS", Wish = TlsWish.Verified },
        { TlsOptional: true } => this with { Name = Name + " TLS-Required: No", Wish = TlsWish.Optional },
        _ => this,
    };
}
