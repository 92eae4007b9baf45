using System.Collections.Frozen;
using System.Xml.Linq;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Headers;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Requests;
using MailServer.Web.Dav.Reports;
using MailServer.Web.Dav.Sharing;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Methods;

/// <summary>REPORT (RFC 3253 §3.6): the root element of the body selects the report.</summary>
internal static class ReportHandler
{
    private static readonly FrozenDictionary<XName, Func<DavRequest, DavResource, XElement, Task>> Reports = new Dictionary<XName, Func<DavRequest, DavResource, XElement, Task>>
    {
        [SupportedReports.CalendarQuery] = CalendarQueryReport.AnswerAsync,
        [SupportedReports.CalendarMultiget] = MultigetReport.AnswerAsync,
        [SupportedReports.AddressBookQuery] = AddressBookQueryReport.AnswerAsync,
        [SupportedReports.AddressBookMultiget] = MultigetReport.AnswerAsync,
        [SupportedReports.FreeBusyQuery] = FreeBusyQueryReport.AnswerAsync,
        [SupportedReports.SyncCollection] = SyncCollectionReport.AnswerAsync,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<XName, Func<DavRequest, XElement, Task>> OfPrincipals = new Dictionary<XName, Func<DavRequest, XElement, Task>>
    {
        [SupportedReports.PrincipalPropertySearch] = PrincipalSearchReport.AnswerAsync,
        [SupportedReports.PrincipalTokenSearch] = PrincipalSearchReport.AnswerAsync,
        [SupportedReports.PrincipalSearchPropertySet] = PrincipalSearchPropertySetReport.AnswerAsync,
        [SupportedReports.PrincipalMatch] = PrincipalMatchReport.AnswerAsync,
        [SupportedReports.AclPrincipals] = AclPrincipalPropSetReport.AnswerAsync,
        [SupportedReports.ExpandProperty] = ExpandPropertyReport.AnswerAsync,
    }.ToFrozenDictionary();

    public static async Task HandleAsync(DavRequest request)
    {
        var root = await request.ReadXmlAsync() ?? throw DavException.BadRequest("REPORT needs a body");
        if (OfPrincipals.TryGetValue(root.Name, out var principals))
        {
            // RFC 3744 §9.2-9.5: any other depth is an error.
            if (root.Name != SupportedReports.ExpandProperty && DepthHeader.Parse(request.Header("Depth"), Depth.Zero) != Depth.Zero) throw DavException.BadRequest("the Depth of this report must be 0");
            await principals(request, root);
            return;
        }

        if (request.Target is DavTarget.Notifications { Name: null } && root.Name == SupportedReports.SyncCollection)
        {
            await NotificationCollection.SynchroniseAsync(request, root);
            return;
        }

        var found = await request.AskAsync<CollectionReply.ItemFound>(new CollectionRequest.Find(request.Path, WithBody: false));
        var holder = request.Describe(found.Collection ?? found.Parent!);
        var resource = found.Collection is null ? DavResource.OfMember(found.Resource!, holder) : holder;
        if (!Reports.TryGetValue(root.Name, out var answer) || !SupportedReports.Of(resource).Contains(root.Name)) throw DavException.Forbidden(WebDav + "supported-report");
        await answer(request, holder, root);
    }
}
