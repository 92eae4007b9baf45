namespace MailServer.Protocol.MessageAuthentication.Dmarc;

/// <summary>The results of RFC 9989 §8.1 (Authentication-Results).</summary>
public enum DmarcResult
{
    None,
    Pass,
    Fail,
    TempError,
    PermError,
}

/// <summary>What came of an evaluation.</summary>
/// <param name="Result">The result.</param>
/// <param name="Domain">The author's domain.</param>
/// <param name="Policy">What its owner asks for when mail fails; null without a record.</param>
/// <param name="Disposition">What the owner asks for this message: none unless it failed.</param>
/// <param name="Reason">Why; for people.</param>
/// <param name="Steps">How it came to it, for people.</param>
public sealed record DmarcOutcome(
    DmarcResult Result, string Domain, DmarcPolicy? Policy, DmarcPolicy Disposition, string Reason, IReadOnlyList<string> Steps)
{
    /// <summary>The domain whose record applies; null without one.</summary>
    public string? PolicyDomain { get; init; }

    /// <summary>That record as DNS gave it.</summary>
    public string? PolicyRecord { get; init; }

    /// <summary>SPF passed for an aligned domain.</summary>
    public bool SpfAligned { get; init; }

    /// <summary>A signature of an aligned domain passed.</summary>
    public bool DkimAligned { get; init; }

    /// <summary>The owner is testing (t=y), and asked for one step less.</summary>
    public bool IsTesting { get; init; }

    /// <summary>What the owner could have asked for, had DNS answered: none unless the result is a temporary error.</summary>
    public DmarcPolicy AtStake { get; init; }

    /// <summary>Why the owner's wish is not followed, in the words of RFC 9990 (<c>trusted_forwarder</c>, <c>local_policy</c>); null: it is.</summary>
    public string? OverrideReason { get; init; }
}
