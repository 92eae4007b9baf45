using System.Globalization;
using MailServer.Domain.Delivery;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace MailServer.Web.Admin;

/// <summary>A queue filter as query parameters: <c>to</c>, <c>from</c>, <c>domain</c>, <c>reason</c>, and <c>older</c> in seconds.</summary>
public static class QueueFilterQuery
{
    /// <summary>The parameter that confirms a change to all messages.</summary>
    public const string AllMessages = "all";

    private const string To = "to";
    private const string From = "from";
    private const string Domain = "domain";
    private const string Reason = "reason";
    private const string Older = "older";

    /// <param name="filter">The conditions on addresses and replies.</param>
    /// <param name="older">The minimum time in the queue; null for any.</param>
    /// <returns>The parameters joined by <c>&amp;</c>; empty if the filter matches every message.</returns>
    public static string Write(QueueFilter filter, TimeSpan? older)
    {
        ArgumentNullException.ThrowIfNull(filter);
        (string Name, string? Value)[] parameters =
        [
            (To, filter.To), (From, filter.From), (Domain, filter.Domain), (Reason, filter.Reason),
            (Older, older is { } age ? ((long)age.TotalSeconds).ToString(CultureInfo.InvariantCulture) : null),
        ];
        return string.Join('&', parameters.Where(static p => p.Value is not null).Select(static p => $"{p.Name}={Uri.EscapeDataString(p.Value!)}"));
    }

    internal static QueueFilter Read(HttpContext context) => Read(name => context.Request.Query[name].ToString(), context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());

    /// <summary>Reads a filter from the values of its parameters; empty ones do not count.</summary>
    public static QueueFilter Read(Func<string, string> parameter, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        string? Value(string name) => parameter(name) is { Length: > 0 } value ? value : null;
        return new QueueFilter
        {
            To = Value(To),
            From = Value(From),
            Domain = Value(Domain),
            Reason = Value(Reason),
            QueuedBefore = uint.TryParse(Value(Older), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? now - TimeSpan.FromSeconds(seconds) : null,
        };
    }
}
