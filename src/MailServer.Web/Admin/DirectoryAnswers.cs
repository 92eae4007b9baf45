using MailServer.Domain.Accounts;
using Microsoft.AspNetCore.Http;

namespace MailServer.Web.Admin;

/// <summary>Answers of the endpoints that change the directory.</summary>
internal static class DirectoryAnswers
{
    /// <summary>Runs a change, and answers a refusal of the directory: 404 for what does not exist, 503 while the database cannot be used, 409 for everything else.</summary>
    public static async Task RunAsync(HttpContext context, Func<Task> change)
    {
        try
        {
            await change();
        }
        catch (DirectoryException e)
        {
            await RefuseAsync(context, StatusOf(e), e.Message);
        }
    }

    /// <summary>Runs a change that may change nothing, and answers whether it did.</summary>
    /// <param name="context">The request.</param>
    /// <param name="unchanged">Why nothing changed.</param>
    /// <param name="change">The change; false if the object was in this state already.</param>
    public static Task ChangeAsync(HttpContext context, string unchanged, Func<ValueTask<bool>> change) => RunAsync(context, async () =>
    {
        var isChanged = await change();
        await RuntimeEndpoints.WriteAsync(context, new ChangeDocument(isChanged, isChanged ? "" : unchanged));
    });

    public static Task RefuseAsync(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(reason, context.RequestAborted);
    }

    private static int StatusOf(DirectoryException e) => e.Refusal switch
    {
        DirectoryRefusal.DomainUnknown or DirectoryRefusal.AccountUnknown or DirectoryRefusal.AliasUnknown or DirectoryRefusal.AliasTargetUnknown or DirectoryRefusal.InvitationUnknown
            or DirectoryRefusal.ListUnknown or DirectoryRefusal.ListMemberUnknown => StatusCodes.Status404NotFound,
        DirectoryRefusal.DatabaseMissing or DirectoryRefusal.DatabaseNewer or DirectoryRefusal.DatabaseUnusable or DirectoryRefusal.DatabaseBusy => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status409Conflict,
    };
}
