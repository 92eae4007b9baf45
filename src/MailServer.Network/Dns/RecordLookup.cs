using System.Globalization;
using System.Net;
using DnsClient;
using DnsClient.Protocol;
using MailServer.Domain;
using MailServer.Domain.Dns;

namespace MailServer.Network.Dns;

/// <summary>Queries records of any type in zone file format, for display and comparison. Nothing is cached, so that changes are visible immediately.</summary>
public sealed class RecordLookup
{
    private readonly DnsClientSource _client;
    private readonly Limits _limits;

    public RecordLookup(IReadOnlyList<IPEndPoint> servers, Limits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(servers);
        _limits = limits ?? Limits.Default;
        _client = new DnsClientSource(servers, _limits, static (options, _) => options.UseCache = false);
    }

    /// <summary>The reason of every failure while no server is known.</summary>
    public static string NoServer => DnsClientSource.NoServer;

    /// <summary>Whether a DNS server is known.</summary>
    public bool HasServers => _client.Find() is not null;

    /// <summary>The values of the records; host names with a trailing dot, texts without quotes.</summary>
    public async Task<DnsAnswer<string>> AskAsync(string name, string type, CancellationToken cancel)
    {
        if (!Enum.TryParse<QueryType>(type, out var query)) throw new ArgumentException($"'{type}' is not a record type", nameof(type));
        if (_client.Find() is not { } client) return new DnsAnswer<string>.TemporaryFailure(DnsClientSource.NoServer);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        late.CancelAfter(_limits.DnsQueryTimeout);
        try
        {
            var response = await client.QueryAsync(name, query, cancellationToken: late.Token);
            if (response.Header.ResponseCode == DnsHeaderResponseCode.NotExistentDomain) return new DnsAnswer<string>.NoRecords(NameExists: false);
            if (response.Header.ResponseCode != DnsHeaderResponseCode.NoError) return Failed($"{response.Header.ResponseCode}");
            var values = response.Answers.Where(a => a.RecordType.ToString() == type).Take(_limits.DnsRecords).Select(Write).ToArray();
            return values.Length > 0 ? new DnsAnswer<string>.RecordsFound(values) : new DnsAnswer<string>.NoRecords(NameExists: true);
        }
        catch (DnsResponseException e)
        {
            cancel.ThrowIfCancellationRequested();
            return Failed(e.Message);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Failed("no answer in time");
        }

        DnsAnswer<string> Failed(string reason) => new DnsAnswer<string>.TemporaryFailure($"{name} {type}: {reason}");
    }

    private static string Write(DnsResourceRecord record) => record switch
    {
        AddressRecord address => address.Address.ToString(),
        MxRecord mx => string.Create(CultureInfo.InvariantCulture, $"{mx.Preference} {Host(mx.Exchange)}"),
        TxtRecord text => TextRecord.Join(text),
        SrvRecord service => string.Create(CultureInfo.InvariantCulture, $"{service.Priority} {service.Weight} {service.Port} {Host(service.Target)}"),
        CNameRecord alias => Host(alias.CanonicalName),
        PtrRecord pointer => Host(pointer.PtrDomainName),
        CaaRecord caa => string.Create(CultureInfo.InvariantCulture, $"{caa.Flags} {caa.Tag} \"{caa.Value}\""),
        TlsaRecord tlsa => string.Create(
            CultureInfo.InvariantCulture, $"{(int)tlsa.CertificateUsage} {(int)tlsa.Selector} {(int)tlsa.MatchingType} {tlsa.CertificateAssociationDataAsString}").ToLowerInvariant(),
        _ => record.ToString(),
    };

    private static string Host(DnsString name) => name.Value.TrimEnd('.').ToLowerInvariant() + ".";
}
