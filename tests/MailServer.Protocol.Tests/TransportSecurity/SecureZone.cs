using System.Net;
using MailServer.Domain.Dns;
using MailServer.Domain.TransportSecurity;

namespace MailServer.Protocol.Tests.TransportSecurity;

/// <summary>DNS for DANE with records set by the test; secure unless stated otherwise.</summary>
internal sealed class SecureZone : IDnssecLookup
{
    private readonly Dictionary<string, DnsAnswer<IPAddress>> _addresses = [];
    private readonly Dictionary<string, DnsAnswer<TlsaRecord>> _records = [];
    private readonly Dictionary<string, DnsAnswer<string>> _aliases = [];

    public bool IsTrusted { get; init; } = true;

    public List<string> Questions { get; } = [];

    public SecureZone Host(string name, bool secure = true, string? canonical = null)
    {
        _addresses[name] = new DnsAnswer<IPAddress>.RecordsFound([IPAddress.Loopback]) { IsSecure = secure, CanonicalName = canonical };
        return this;
    }

    public SecureZone Host(string name, DnsAnswer<IPAddress> answer)
    {
        _addresses[name] = answer;
        return this;
    }

    public SecureZone Alias(string name, string target, bool secure)
    {
        _aliases[name] = new DnsAnswer<string>.RecordsFound([target]) { IsSecure = secure };
        return this;
    }

    public SecureZone Tlsa(string host, bool secure, params TlsaRecord[] records) =>
        Tlsa(host, new DnsAnswer<TlsaRecord>.RecordsFound(records) { IsSecure = secure });

    public SecureZone Tlsa(string host, DnsAnswer<TlsaRecord> answer)
    {
        _records[TlsaRecord.NameFor(host)] = answer;
        return this;
    }

    public Task<DnsAnswer<IPAddress>> AddressesAsync(string host, CancellationToken cancellationToken) => Answer(_addresses, host);

    public Task<DnsAnswer<TlsaRecord>> LookupTlsaAsync(string name, CancellationToken cancel) => Answer(_records, name);

    public Task<DnsAnswer<string>> LookupCnameAsync(string name, CancellationToken cancel) => Answer(_aliases, name);

    private Task<DnsAnswer<T>> Answer<T>(Dictionary<string, DnsAnswer<T>> records, string name)
    {
        Questions.Add(name);
        return Task.FromResult(records.GetValueOrDefault(name) ?? new DnsAnswer<T>.NoRecords(NameExists: false));
    }
}
