namespace MailServer.Protocol.MessageAuthentication.Dmarc;

/// <summary>The DMARC results of RFC 9989 §8.1 (Authentication-Results).</summary>
public enum DmarcResult
{
    None,
    Pass,
    Fail,
    TempError,
    PermError,
}

/// <summary>The outcome of a DMARC evaluation.</summary>
/// <param name="Result">The result.</param>
/// <param name="Domain">The author's domain.</param>
/// <param name="Policy">The policy of the domain owner for failing mail; null without a record.</param>
/// <param name="Disposition">The disposition that the owner requests for this message: none unless it failed.</param>
/// <param name="Reason">A human-readable reason.</param>
/// <param name="Steps">The evaluation steps, human-readable.</param>
public sealed record DmarcOutcome(
    DmarcResult Result, string Domain, DmarcPolicy? Policy, DmarcPolicy Disposition, string Reason, IReadOnlyList<string> Steps)
{
    /// <summary>The domain whose record applies; null without one.</summary>
    public string? PolicyDomain { get; init; }

    /// <summary>The text of that record.</summary>
    public string? PolicyRecord { get; init; }

    /// <summary>SPF passed for an aligned domain.</summary>
    public bool SpfAligned { get; init; }

    /// <summary>A DKIM signature of an aligned domain passed.</summary>
    public bool DkimAligned { get; init; }

    /// <summary>The owner is testing (t=y), which lowers the policy by one step.</summary>
    public bool IsTesting { get; init; }

    /// <summary>For a temporary error, the strictest disposition that the owner might have requested; otherwise none.</summary>
    public DmarcPolicy PossiblePolicy { get; init; }

    /// <summary>Why the requested disposition was overridden, as a term of RFC 9990 (<c>trusted_forwarder</c>, <c>local_policy</c>); null when it was not.</summary>
    public string? OverrideReason { get; init; }
}
