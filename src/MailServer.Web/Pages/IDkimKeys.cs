namespace MailServer.Web.Pages;

/// <summary>The DKIM keys of the domains, for the web page. Failures are <see cref="PageException"/>; changes are recorded in the audit log.</summary>
public interface IDkimKeys
{
    /// <summary>Creates the first key of a new domain, unless mail is not signed here.</summary>
    void CreateFirst(string domain);

    /// <param name="domain">The domain.</param>
    /// <param name="check">Look up in DNS whether the records are published.</param>
    /// <param name="cancel">Cancels the look-ups.</param>
    Task<IReadOnlyList<DkimKeyEntry>> ListAsync(string domain, bool check, CancellationToken cancel);

    /// <summary>Creates the next keys, which do not sign yet.</summary>
    void Rotate(string domain);

    /// <summary>Switches signing to the next keys if their records are published.</summary>
    Task ActivateAsync(string domain, CancellationToken cancel);

    /// <summary>Stops signing with a key, or discards a next key. The only key that signs is kept.</summary>
    void Retire(string domain, string selector);
}

/// <summary>A DKIM key of a domain.</summary>
/// <param name="Selector">The selector.</param>
/// <param name="State">active, next or retired.</param>
/// <param name="Algorithm">The algorithm; empty if the key cannot be read.</param>
/// <param name="RecordName">The name of its TXT record; empty if the key cannot be read.</param>
/// <param name="RecordValue">The value of its TXT record.</param>
/// <param name="Published"><c>yes</c>, or what is wrong in DNS; null if DNS was not checked.</param>
/// <param name="Failure">Why the key cannot be read; null if it can.</param>
public sealed record DkimKeyEntry(string Selector, string State, string Algorithm, string RecordName, string RecordValue, string? Published, string? Failure);
