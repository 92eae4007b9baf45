namespace MailServer.Protocol.MessageAuthentication.Arc;

/// <summary>The chain states of RFC 8617 §4.4, and a temporary DNS error.</summary>
public enum ArcResult
{
    None,
    Pass,
    Fail,
    TempError,
}

/// <summary>The outcome of an ARC validation.</summary>
/// <param name="Result">The state of the chain.</param>
/// <param name="Reason">A human-readable reason.</param>
/// <param name="Sealers">The d= of the seals that could be read, oldest first.</param>
/// <param name="Steps">The validation steps, human-readable.</param>
public sealed record ArcOutcome(ArcResult Result, string Reason, IReadOnlyList<string> Sealers, IReadOnlyList<string> Steps);
