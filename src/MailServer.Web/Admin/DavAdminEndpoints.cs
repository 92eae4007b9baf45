using System.Text.Json;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Import;
using MailServer.Web.Listeners;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>
/// Calendar and contact endpoints: <c>GET dav?account=</c>, <c>GET dav/export</c>, <c>POST dav/{import|share|link}</c>, <c>DELETE dav/link</c>,
/// all with the parameters <c>account=</c> and <c>collection=</c>. An error is a status with the reason as plain text.
/// </summary>
public static class DavAdminEndpoints
{
    private const int LargestBatch = 64 * 1024 * 1024;

    public static void MapDavAdministration(this IEndpointRouteBuilder endpoints, DavAdministration dav, IDirectory directory)
    {
        var admin = endpoints.MapGroup(AdminApi.Prefix);
        admin.MapGet("dav", context => AnswerAsync(context, directory, async account => await WriteAsync(context, await dav.ListAsync(account, context.RequestAborted))));
        admin.MapGet("dav/export", context => AnswerAsync(context, directory, account => dav.ExportAsync(account, Query(context, "collection"), context.Response.Body, context.RequestAborted)));
        admin.MapPost("dav/import", context => AnswerAsync(context, directory, async account => await WriteAsync(
            context, await dav.ImportAsync(account, Query(context, "collection"), await ReadEntriesAsync(context), context.RequestAborted))));
        admin.MapPost("dav/share", context => AnswerAsync(context, directory, async account =>
        {
            var guest = await FindAsync(directory, Query(context, "with"), context.RequestAborted);
            var access = Enum.TryParse<CollectionAccess>(Query(context, "access"), out var parsed) && parsed < CollectionAccess.Owner ? parsed : throw new DavException(400, "access must be None, Read or ReadWrite");
            await WriteAsync(context, new ShareDocument(await dav.ShareAsync(account, Query(context, "collection"), guest, access, context.RequestAborted)));
        }));
        admin.MapPost("dav/link", context => AnswerAsync(context, directory, async account => await WriteAsync(context, await dav.LinkAsync(account, Query(context, "collection"), context.RequestAborted))));
        admin.MapDelete("dav/link", context => AnswerAsync(context, directory, account => dav.UnlinkAsync(account, Query(context, "collection"), context.RequestAborted)));
    }

    /// <summary>Finds the account of an address. Throws <see cref="DavException"/> (404) if there is none.</summary>
    public static async ValueTask<Account> FindAsync(IDirectory directory, string text, CancellationToken cancel) =>
        EmailAddress.TryParse(text, out var address) && await directory.ResolveAsync(address, cancel) is RecipientResolution.Local { Tag: null } local
        && await directory.FindAccountAsync(local.Account, cancel) is { } account
            ? account
            : throw new DavException(404, $"no user '{text}'; see 'mailserver user list'");

    private static async Task AnswerAsync(HttpContext context, IDirectory directory, Func<Account, Task> answer)
    {
        try
        {
            await answer(await FindAsync(directory, Query(context, "account"), context.RequestAborted));
        }
        catch (DavException e) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = e.Status;
            await context.Response.WriteAsync(e.Message, context.RequestAborted);
        }
    }

    /// <summary>The entries of a file, or those that the command line has read from a file and sends in batches.</summary>
    private static async Task<IEnumerable<ImportEntry>> ReadEntriesAsync(HttpContext context)
    {
        var body = await context.ReadBodyAsync(LargestBatch);
        if (!context.Request.HasJsonContentType()) return ImportFile.Read(body);
        try
        {
            return [.. (JsonSerializer.Deserialize(body, DavJson.Default.IReadOnlyListImportEntryDocument) ?? []).Select(entry => entry.ToEntry())];
        }
        catch (JsonException)
        {
            throw new DavException(400, "the entries cannot be read");
        }
    }

    private static string Query(HttpContext context, string name) => context.Request.Query[name].ToString();

    private static Task WriteAsync<T>(HttpContext context, T document) =>
        context.Response.WriteAsJsonAsync(document, typeof(T), DavJson.Default, cancellationToken: context.RequestAborted);
}
