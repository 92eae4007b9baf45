using System.Collections.Frozen;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace MailServer.Web.Listeners;

/// <summary>
/// Restricts the pages and the admin port to known host names and addresses. Requests for other names get 421 (RFC 9110 §7.4) before any other processing.
/// This prevents DNS rebinding, in which a malicious site makes a browser send requests here under the site's own name.
/// </summary>
public sealed class HostNameFilter
{
    private static readonly HashSet<string> Loopback = new(StringComparer.OrdinalIgnoreCase) { "localhost" };

    private readonly FrozenSet<string> _names;
    private readonly FrozenSet<IPAddress> _addresses;

    /// <param name="names">The allowed host names, case-insensitive.</param>
    /// <param name="listen">The addresses that the port is bound to. For a wildcard address, the local address of the connection is allowed.</param>
    public HostNameFilter(IEnumerable<string> names, IEnumerable<IPAddress> listen)
    {
        var all = names.ToList();
        _names = all.Concat(Loopback).Select(static n => n.TrimEnd('.')).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _addresses = listen.Concat(all.Select(static n => IPAddress.TryParse(n, out var address) ? address : null).OfType<IPAddress>())
            .Where(static a => !a.Equals(IPAddress.Any) && !a.Equals(IPAddress.IPv6Any)).ToFrozenSet();
    }

    public Task CheckAsync(HttpContext http, RequestDelegate next)
    {
        ArgumentNullException.ThrowIfNull(http);
        if (Allows(http)) return next(http);
        http.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync("This host name is not allowed. If it belongs to this server, add it to admin.names.\n", http.RequestAborted);
    }

    /// <summary>Whether the host name of a request is allowed.</summary>
    public bool Allows(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        return Allows(http.Request.Host.Host, http.Connection.LocalIpAddress);
    }

    /// <param name="host">The Host header without the port. An empty value is allowed: only HTTP/1.0 permits it, and browsers do not use HTTP/1.0.</param>
    /// <param name="reached">The local address of the connection.</param>
    public bool Allows(string host, IPAddress? reached)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (host.Length == 0) return true;
        if (!IPAddress.TryParse(host.Trim('[', ']'), out var address)) return _names.Contains(host.EndsWith('.') ? host[..^1] : host);
        address = Plain(address);
        return IPAddress.IsLoopback(address) || _addresses.Contains(address) || (reached is not null && address.Equals(Plain(reached)));
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
