namespace MailServer.Domain.Delivery;

/// <summary>Delivery options of one message, from parameters of MAIL and from header fields; DSN parameters are separate.</summary>
public sealed record EnvelopeOptions
{
    public static EnvelopeOptions None { get; } = new();

    /// <summary>REQUIRETLS: the message must not be sent without verified TLS (RFC 8689 §2).</summary>
    public bool RequireTls { get; init; }

    /// <summary>MT-PRIORITY, from -9 to 9 (RFC 6710 §3); 0 if not given.</summary>
    public int Priority { get; init; }

    /// <summary>HOLDFOR or HOLDUNTIL: earliest delivery time (RFC 4865 §4).</summary>
    public DateTimeOffset? HoldUntil { get; init; }

    /// <summary>BY: delivery deadline (RFC 2852 §4).</summary>
    public DeliverBy? DeliverBy { get; init; }
}

/// <summary>A delivery deadline and the action when it passes (RFC 2852 §4).</summary>
/// <param name="Deadline">The deadline, in UTC.</param>
/// <param name="Return">True (R): the message is returned. False (N): the sender is notified and delivery continues.</param>
/// <param name="Trace">True (T): each relaying host notifies the sender.</param>
public sealed record DeliverBy(DateTimeOffset Deadline, bool Return, bool Trace);
