using MailServer.Domain.Delivery;

namespace MailServer.Protocol.Sieve.Running;

/// <summary>How a redirected message is reported on, and until when it is to be delivered (RFC 6009 §5 and §6).</summary>
public sealed record SieveRedirectOptions
{
    /// <summary>What a redirect without arguments asks for.</summary>
    public static SieveRedirectOptions None { get; } = new();

    public DsnNotify Notify { get; init; } = DsnNotify.Unspecified;

    public DsnReturn Return { get; init; }

    /// <summary>The time limit from now on; null without one.</summary>
    public TimeSpan? Within { get; init; }

    /// <summary>The deadline; null without one.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>What happens when the time is over: the message is returned, or else only reported.</summary>
    public bool IsReturned { get; init; }

    /// <summary>Whether each server on the way reports.</summary>
    public bool IsTraced { get; init; }

    /// <summary>The request for a message that is redirected at a time; null without a time limit.</summary>
    public DeliverBy? DeadlineAt(DateTimeOffset now) => Within is null && Until is null ? null : new DeliverBy((Until ?? now + Within!.Value).ToUniversalTime(), IsReturned, IsTraced);
}
