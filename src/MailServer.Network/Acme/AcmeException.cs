namespace MailServer.Network.Acme;

/// <summary>Why no certificate was issued.</summary>
public enum AcmeFailure
{
    /// <summary>The authority is unreachable or its response is invalid.</summary>
    Unreachable,

    /// <summary>The authority refused the request.</summary>
    Refused,

    /// <summary>A rate limit was exceeded.</summary>
    RateLimited,

    /// <summary>The authority does not know the account, or has deactivated it.</summary>
    AccountGone,

    /// <summary>The account file cannot be read or written.</summary>
    AccountFile,

    /// <summary>The authority could not validate the challenge.</summary>
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

    /// <summary>How long to wait before the next request, if the authority specified it.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>The last part of the problem type (RFC 8555 §6.7), or empty.</summary>
    internal string Kind { get; init; } = "";
}
