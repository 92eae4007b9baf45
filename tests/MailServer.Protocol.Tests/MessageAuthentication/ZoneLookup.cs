using System.Net;
using System.Net.Sockets;
using MailServer.Domain.Dns;

namespace MailServer.Protocol.Tests.MessageAuthentication;

/// <summary>DNS with records set by the test. Names may have records of several types, or fail.</summary>
internal sealed class ZoneLookup : IDnsLookup
{
    private readonly Dictionary<string, List<(string Type, object Value)>> _records = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _failing = new(StringComparer.OrdinalIgnoreCase);

    public List<string> Questions { get; } = [];

    public ZoneLookup Add(string name, string type, object value)
    {
        if (!_records.TryGetValue(name, out var records)) _records.Add(name, records = []);
        records.Add((type, value));
        return this;
    }

    public ZoneLookup Text(string name, string value) => Add(name, "TXT", value);

    /// <summary>Makes every other query for the name fail.</summary>
    public ZoneLookup Fail(string name)
    {
        _failing.Add(name);
        return this;
    }

    public Task<DnsAnswer<IPAddress>> LookupIPv4Async(string name, CancellationToken cancel) => Ask<IPAddress>(name, "A");

    public Task<DnsAnswer<IPAddress>> LookupIPv6Async(string name, CancellationToken cancel) => Ask<IPAddress>(name, "AAAA");

    public Task<DnsAnswer<MailExchange>> LookupMxAsync(string name, CancellationToken cancel) => Ask<MailExchange>(name, "MX");

    public Task<DnsAnswer<string>> LookupTxtAsync(string name, CancellationToken cancel) => Ask<string>(name, "TXT");

    public Task<DnsAnswer<string>> LookupPtrAsync(IPAddress address, CancellationToken cancel) => Ask<string>(Reverse(address), "PTR");

    private Task<DnsAnswer<T>> Ask<T>(string name, string type)
    {
        RefuseEndless();
        name = name.TrimEnd('.');
        Questions.Add($"{name} {type}");
        for (var hops = 0; ; hops++)
        {
            var records = _records.GetValueOrDefault(name) ?? [];
            var found = records.Where(r => r.Type == type).Select(r => (T)r.Value).ToArray();
            if (found.Length > 0) return Task.FromResult<DnsAnswer<T>>(new DnsAnswer<T>.RecordsFound(found));
            if (_failing.Contains(name) || hops > 8) return Task.FromResult<DnsAnswer<T>>(new DnsAnswer<T>.TemporaryFailure($"{name}: timeout"));
            if (records.Find(r => r.Type == "CNAME").Value is not string target) return Task.FromResult<DnsAnswer<T>>(new DnsAnswer<T>.NoRecords(records.Count > 0));
            name = target.TrimEnd('.');
        }

        void RefuseEndless() => Assert.True(Questions.Count < 200, "endless lookups");
    }

    private static string Reverse(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? string.Join('.', address.GetAddressBytes().Reverse()) + ".in-addr.arpa"
        : string.Join('.', Convert.ToHexStringLower(address.GetAddressBytes()).Reverse()) + ".ip6.arpa";
}
