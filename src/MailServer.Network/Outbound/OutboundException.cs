namespace MailServer.Network.Outbound;

/// <summary>Why another host was not reached.</summary>
public enum OutboundFailure
{
    /// <summary>Its name does not exist or has no address. Final.</summary>
    HostUnknown,

    /// <summary>DNS did not answer.</summary>
    ResolverFailed,

    /// <summary>No address of it takes the connection.</summary>
    Unreachable,

    /// <summary>It took too long.</summary>
    TimedOut,

    /// <summary>None of its addresses may be connected to (<see cref="AddressRule"/>). Final.</summary>
    Forbidden,

    /// <summary>It is this server. Final.</summary>
    Loop,
}

/// <summary>Another host was not reached.</summary>
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
