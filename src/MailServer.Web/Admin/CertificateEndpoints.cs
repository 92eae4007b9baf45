using MailServer.Actors.Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>A certificate in the admin API. The details are empty until it is issued.</summary>
public sealed record CertificateDocument(
    string Name, string Source, IReadOnlyList<string> Names, string Issuer, DateTimeOffset? NotBefore, DateTimeOffset? NotAfter, string Key,
    string Fingerprint, string KeyHash, DateTimeOffset? RenewAt, string Failure, DateTimeOffset? FailedAt, DateTimeOffset? NextAttempt);

/// <summary>The number of certificates that are being ordered.</summary>
public sealed record RenewalDocument(int Count);

/// <summary>The result of reloading the files of a certificate: <c>unchanged</c>, <c>taken</c> (new files loaded) or <c>kept</c> (files invalid), with the error.</summary>
public sealed record ReloadDocument(string File, string Outcome, string Text);

/// <summary>Certificate endpoints: <c>GET tls</c>, <c>POST tls/renew?name=</c> (404 if no such certificate is ordered), <c>POST tls/reload</c>.</summary>
public static class CertificateEndpoints
{
    public static void MapCertificates(this IEndpointRouteBuilder endpoints, CertificateAdministration certificates)
    {
        var admin = endpoints.MapGroup(AdminApi.Prefix);
        admin.MapGet("tls", async context =>
        {
            var listed = await certificates.ListAsync(context.RequestAborted);
            IReadOnlyList<CertificateDocument> documents = [.. listed.Select(Describe)];
            await context.Response.WriteAsJsonAsync(documents, typeof(IReadOnlyList<CertificateDocument>), AdminJson.Default, cancellationToken: context.RequestAborted);
        });
        admin.MapPost("tls/renew", async context =>
        {
            var name = context.Request.Query["name"].ToString();
            var count = await certificates.RenewAsync(name.Length > 0 ? name : null, context.RequestAborted);
            if (count == 0)
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            await context.Response.WriteAsJsonAsync(new RenewalDocument(count), typeof(RenewalDocument), AdminJson.Default, cancellationToken: context.RequestAborted);
        });
        admin.MapPost("tls/reload", async context =>
        {
            IReadOnlyList<ReloadDocument> documents =
                [.. certificates.Reload().Select(static r => new ReloadDocument(r.File, r.Outcome.ToString().ToLowerInvariant(), r.Text))];
            await context.Response.WriteAsJsonAsync(documents, typeof(IReadOnlyList<ReloadDocument>), AdminJson.Default, cancellationToken: context.RequestAborted);
        });
    }

    public static CertificateDocument Describe(CertificateStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        var facts = status.Facts;
        return new CertificateDocument(
            status.Name, status.Source, facts?.Names ?? [], facts?.Issuer ?? "", facts?.NotBefore, facts?.NotAfter, facts?.Key ?? "", facts?.Fingerprint ?? "",
            facts?.KeyHash ?? "", status.RenewAt, status.Failure, status.FailedAt, status.NextAttempt);
    }
}
