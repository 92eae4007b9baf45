namespace MailServer.Protocol.MessageAuthentication.Arc;

/// <summary>The states of a chain (RFC 8617 §4.4), and that DNS did not let it be told.</summary>
public enum ArcResult
{
    None,
    Pass,
    Fail,
    TempError,
}

/// <summary>What came of a chain.</summary>
/// <param name="Result">Its state.</param>
/// <param name="Reason">Why; for people.</param>
/// <param name="Sealers">d= of the seals, oldest first, as far as they could be read.</param>
/// <param name="Steps">How it came to it, for people.</param>
public sealed record ArcOutcome(ArcResult Result, string Reason, IReadOnlyList<string> Sealers, IReadOnlyList<string> Steps);
