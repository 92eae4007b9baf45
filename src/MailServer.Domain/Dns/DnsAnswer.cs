namespace MailServer.Domain.Dns;

/// <summary>What DNS said.</summary>
/// <typeparam name="T">A record's value.</typeparam>
public abstract record DnsAnswer<T>
{
    private DnsAnswer() { }

    /// <summary>At least one record, CNAMEs followed.</summary>
    public sealed record Found(IReadOnlyList<T> Values) : DnsAnswer<T>
    {
        /// <summary>A trusted resolver has validated the whole answer by DNSSEC, CNAMEs included (the AD bit, RFC 4035 §3.2.3).</summary>
        public bool IsSecure { get; init; }

        /// <summary>The name that CNAMEs led to; null when there were none.</summary>
        public string? CanonicalName { get; init; }
    }

    /// <summary>No such records: final. The name has records of other types, or (NXDOMAIN, RFC 8020) does not exist at all.</summary>
    public sealed record None(bool NameExists) : DnsAnswer<T>;

    /// <summary>Nobody answered, or with a failure: ask again later.</summary>
    public sealed record TemporaryFailure(string Reason) : DnsAnswer<T>;
}
