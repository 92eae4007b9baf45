namespace MailServer.Domain.Delivery;

/// <summary>What a client asked for the way of one message, beyond notices: by parameters of MAIL and by fields of the message.</summary>
public sealed record SenderWishes
{
    public static SenderWishes None { get; } = new();

    /// <summary>REQUIRETLS: no host may be handed the message without TLS that is verified (RFC 8689 §2).</summary>
    public bool RequireTls { get; init; }

    /// <summary>MT-PRIORITY, from -9 to 9 (RFC 6710 §3); 0 when nothing was said.</summary>
    public int Priority { get; init; }

    /// <summary>HOLDFOR or HOLDUNTIL: not delivered earlier (RFC 4865 §4).</summary>
    public DateTimeOffset? HoldUntil { get; init; }

    /// <summary>BY: by when it is to be delivered (RFC 2852 §4).</summary>
    public DeliverBy? DeliverBy { get; init; }
}

/// <summary>By when a message is to be delivered, and what happens when it is not (RFC 2852 §4).</summary>
/// <param name="Deadline">In UTC.</param>
/// <param name="Return">True: the message comes back then (R). False: the sender is told, and it is tried on (N).</param>
/// <param name="Trace">Each host that hands it on tells the sender (T).</param>
public sealed record DeliverBy(DateTimeOffset Deadline, bool Return, bool Trace);
