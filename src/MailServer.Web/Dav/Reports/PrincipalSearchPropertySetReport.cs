using System.Xml.Linq;
using MailServer.Protocol.Dav.Requests;
using MailServer.Protocol.Dav.Xml;
using Microsoft.AspNetCore.Http;

namespace MailServer.Web.Dav.Reports;

/// <summary>principal-search-property-set (RFC 3744 §9.5): the searchable properties of principals.</summary>
internal static class PrincipalSearchPropertySetReport
{
    public static async Task AnswerAsync(DavRequest request, XElement root)
    {
        using var output = new DavXmlWriter();
        Multistatus.Begin(output, "D:principal-search-property-set");
        foreach (var (name, description) in PrincipalSearchRequest.Searchable)
        {
            output.Raw("<D:principal-search-property><D:prop>"u8).Empty(name).Raw("</D:prop><D:description xml:lang=\"en\">"u8).Text(description)
                .Raw("</D:description></D:principal-search-property>\n"u8);
        }

        Multistatus.End(output, "D:principal-search-property-set");
        await DavResponse.SendXmlAsync(request.Http, StatusCodes.Status200OK, output);
    }
}
