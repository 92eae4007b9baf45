using System.Text;
using System.Xml.Linq;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Requests;
using MailServer.Protocol.Dav.Xml;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Reports;

/// <summary>expand-property (RFC 3253 §3.8): properties whose URLs are replaced by the resources that they refer to.</summary>
internal static class ExpandPropertyReport
{
    private const int MaxDepth = 4;
    private const int MaxResponses = 200;

    public static async Task AnswerAsync(DavRequest request, XElement root)
    {
        var wanted = ExpandPropertyRequest.Parse(root);
        using var answer = DavResponse.Multistatus(request.Http);
        var target = request.Target is DavTarget.StoredResource member ? await ResolveAsync(request, member) : request.DescribeTarget();
        if (target is null) throw DavException.NotFound();
        var left = MaxResponses;
        await WriteAsync(target, wanted, MaxDepth);
        await answer.EndAsync();

        async Task WriteAsync(DavResource resource, IReadOnlyList<ExpandPropertyRequest> properties, int depth)
        {
            if (--left < 0 || depth == 0) throw DavException.Forbidden(WebDav + "number-of-matches-within-limits");
            var expanded = properties.Where(property => property.Nested.Count > 0 && ValueOf(resource, property.Name) is not null).ToArray();
            var plain = PropertySelection.Of(properties.Except(expanded).Select(property => property.Name), minimal: false);
            if (expanded.Length == 0)
            {
                plain.WriteResponse(resource, answer.Output);
                return;
            }

            answer.Output.Raw("<D:response>"u8).Href(resource.Href).Raw("<D:propstat><D:prop>"u8);
            foreach (var property in expanded)
            {
                var tag = XmlTag.Of(property.Name);
                answer.Output.Raw(tag.Open.Span);
                foreach (var href in HrefsOf(resource, property.Name))
                {
                    if (await FindAsync(request, href) is { } found) await WriteAsync(found, property.Nested, depth - 1);
                    else Multistatus.Status(answer.Output, href, 404, "Not Found");
                }

                answer.Output.Raw(tag.Close.Span);
            }

            answer.Output.Raw("</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>"u8);
            plain.WritePropertyStatus(resource, answer.Output);
            answer.Output.Raw("</D:response>\n"u8);
        }
    }

    private static IEnumerable<string> HrefsOf(DavResource resource, XName name) =>
        ValueOf(resource, name)?.Descendants(Href).Select(href => href.Value.Trim()) ?? [];

    /// <summary>The element of a property, of the server or of a client; null if the resource does not have it.</summary>
    private static XElement? ValueOf(DavResource resource, XName name)
    {
        var live = LiveProperties.Find(name);
        if (live is null or { IsSettable: true } && resource.DeadProperties is { } dead && dead.TryGetValue(name.ToString(), out var stored)) return XElement.Parse(stored);
        if (live is null || !live.Applies(resource)) return null;
        using var output = new DavXmlWriter();
        Multistatus.Begin(output, "D:prop");
        live.Write(resource, output);
        Multistatus.End(output, "D:prop");
        return XElement.Parse(Encoding.UTF8.GetString(output.Written.Span));
    }

    private static async Task<DavResource?> FindAsync(DavRequest request, string href)
    {
        if (DavUrl.PathOf(href) is not { } path || !DavUrl.TryParse(path, request.Limits, out var target)) return null;
        return target switch
        {
            DavTarget.Principal principal when principal.Address.Domain == request.Account.Address.Domain => PrincipalSearchReport.Describe(request, principal.Address),
            DavTarget.StoredResource member when member.Address.Equals(request.Owner) => await ResolveAsync(request, member),
            _ => null,
        };
    }

    private static async Task<DavResource?> ResolveAsync(DavRequest request, DavTarget.StoredResource member)
    {
        try
        {
            var found = await request.AskAsync<CollectionReply.ItemFound>(new CollectionRequest.Find(member.Path, WithBody: false));
            return found.Collection is { } collection ? request.Describe(collection) : DavResource.OfMember(found.Resource!, request.Describe(found.Parent!));
        }
        catch (DavException missing) when (missing.Status == 404)
        {
            return null;
        }
    }
}
