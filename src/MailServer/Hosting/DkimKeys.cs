using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain.Access;
using MailServer.Network.Dns;
using MailServer.Web.Pages;

namespace MailServer.Hosting;

/// <summary>The DKIM keys of the domains, for the web page: the operations of <see cref="DkimRotation"/>.</summary>
internal sealed class DkimKeys(MailServerOptions options, Node node) : IDkimKeys
{
    private const int FailedStatus = 409;

    private readonly DkimRotation _keys = new(
        options,
        () => new Resolver(options.Dns.Servers, node.Services.Limits, options.Dns.TrustAd),
        TimeProvider.System,
        (kind, domain, selector) => node.Access.Audit.Note(new AuditEvent(TimeProvider.System.GetUtcNow(), kind, domain, "web", null, selector)));

    public void CreateFirst(string domain) => Try(() => _keys.CreateFirst(domain));

    public async Task<IReadOnlyList<DkimKeyEntry>> ListAsync(string domain, bool check, CancellationToken cancel)
    {
        var entries = new List<DkimKeyEntry>();
        foreach (var file in Try(() => _keys.List(domain))) entries.Add(await DescribeAsync(file, check, cancel));
        return entries;
    }

    public void Rotate(string domain) => Try(() => _keys.Rotate(domain, DkimAlgorithms.Both));

    public async Task ActivateAsync(string domain, CancellationToken cancel)
    {
        try
        {
            await _keys.ActivateAsync(domain, whenPublished: true, keepsOld: false, cancel);
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw Failed(e);
        }
    }

    public void Retire(string domain, string selector) => Try(() =>
    {
        _keys.Retire(domain, selector, isForced: false);
        return true;
    });

    private async Task<DkimKeyEntry> DescribeAsync(DkimKeyFile file, bool check, CancellationToken cancel)
    {
        var state = file.State.ToString().ToLowerInvariant();
        try
        {
            using var key = file.Read();
            var published = check ? await _keys.FindProblemAsync(key, cancel) ?? "yes" : null;
            return new DkimKeyEntry(file.Selector, state, key.Algorithm, key.DnsRecord.Name, key.DnsRecord.Value, published, null);
        }
        catch (Exception e) when (IsFailure(e))
        {
            return new DkimKeyEntry(file.Selector, state, "", "", "", null, e.Message);
        }
    }

    private static T Try<T>(Func<T> operation)
    {
        try
        {
            return operation();
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw Failed(e);
        }
    }

    private static bool IsFailure(Exception e) => e is CommandFailure or IOException or UnauthorizedAccessException;

    private static PageException Failed(Exception e) => new(FailedStatus, e.Message);
}
