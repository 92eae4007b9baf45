namespace MailServer.Domain.Dns;

/// <summary>The result of a DNS query.</summary>
/// <typeparam name="T">Type of a record value.</typeparam>
public abstract record DnsAnswer<T>
{
    private DnsAnswer() { }

    /// <summary>At least one record was found; CNAMEs have been followed.</summary>
    public sealed record RecordsFound(IReadOnlyList<T> Values) : DnsAnswer<T>
    {
        /// <summary>True if a trusted resolver validated the whole answer with DNSSEC, including CNAMEs (the AD bit, RFC 4035 §3.2.3).</summary>
        public bool IsSecure { get; init; }

        /// <summary>The target of the CNAME chain; null if there was none.</summary>
        public string? CanonicalName { get; init; }
    }

    /// <summary>No such records; a final answer. The name has records of other types, or (NXDOMAIN, RFC 8020) does not exist.</summary>
    public sealed record NoRecords(bool NameExists) : DnsAnswer<T>;

    /// <summary>No usable answer was received; the query can be retried later.</summary>
    public sealed record TemporaryFailure(string Reason) : DnsAnswer<T>;
}
