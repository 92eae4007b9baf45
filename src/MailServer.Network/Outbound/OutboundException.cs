namespace MailServer.Network.Outbound;

/// <summary>Why the connection to another host failed.</summary>
public enum OutboundFailure
{
    /// <summary>The name does not exist or has no address. Permanent.</summary>
    HostUnknown,

    /// <summary>DNS lookup failed.</summary>
    ResolverFailed,

    /// <summary>No address accepts the connection.</summary>
    Unreachable,

    /// <summary>The time limit was exceeded.</summary>
    TimedOut,

    /// <summary>None of its addresses is allowed (<see cref="AddressRule"/>). Permanent.</summary>
    Forbidden,

    /// <summary>The host is this server. Permanent.</summary>
    Loop,
}

/// <summary>The connection to another host failed.</summary>
public sealed class OutboundException : IOException
{
    public OutboundException(OutboundFailure failure, string message, Exception? inner = null)
        : base(message, inner) => Failure = failure;

    public OutboundException() { }

    public OutboundException(string message)
        : base(message) { }

    public OutboundException(string message, Exception inner)
        : base(message, inner) { }

    public OutboundFailure Failure { get; } = OutboundFailure.Unreachable;
}
