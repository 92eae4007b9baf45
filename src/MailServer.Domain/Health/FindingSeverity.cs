namespace MailServer.Domain.Health;

/// <summary>The severity of a finding.</summary>
public enum FindingSeverity
{
    Ok,

    /// <summary>The check has not run yet.</summary>
    Pending,

    /// <summary>Nothing fails now, but an administrator should act.</summary>
    Warning,

    /// <summary>Something fails until an administrator acts.</summary>
    Problem,
}
