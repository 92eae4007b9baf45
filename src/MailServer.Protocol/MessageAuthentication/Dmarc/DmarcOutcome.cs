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
    DmarcResult Result, string Domain, DmarcPolicy? Policy, DmarcPolicy Disposition, string Reason, IReadOnlyList<string> Steps);
