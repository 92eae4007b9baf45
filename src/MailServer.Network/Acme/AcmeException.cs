namespace MailServer.Network.Acme;

/// <summary>Why no certificate was issued.</summary>
public enum AcmeFailure
{
    /// <summary>The authority cannot be reached, or does not answer as it should.</summary>
    Unreachable,

    /// <summary>It refused.</summary>
    Refused,

    /// <summary>It wants to be asked later.</summary>
    RateLimited,

    /// <summary>It does not know the account, or no longer serves it.</summary>
    AccountGone,

    /// <summary>The file of the account cannot be read or written.</summary>
    AccountFile,

    /// <summary>It could not see what should prove that the name is ours.</summary>
    Challenge,
}

/// <summary>No certificate was issued; the message is for the administrator.</summary>
public sealed class AcmeException : Exception
{
    public AcmeException() { }

    public AcmeException(string message)
        : base(message) { }

    public AcmeException(string message, Exception inner)
        : base(message, inner) { }

    public AcmeException(AcmeFailure failure, string message, TimeSpan? retryAfter = null, Exception? inner = null)
        : base(message, inner)
    {
        Failure = failure;
        RetryAfter = retryAfter;
    }

    public AcmeFailure Failure { get; }

    /// <summary>How long the authority wants to be left alone, if it said so.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>The last word of the problem's type (RFC 8555 §6.7), or nothing.</summary>
    internal string Kind { get; init; } = "";
}
