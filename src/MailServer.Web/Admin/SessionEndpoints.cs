using System.Text.Json;
using MailServer.Actors.Sessions;
using MailServer.Domain.Addresses;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>Session endpoints: <c>GET sessions?account=</c>, <c>GET sessions/{id}</c>, <c>POST sessions/{id}/kick</c>, <c>GET sessions/{id}/tail</c>.</summary>
internal static class SessionEndpoints
{
    public static void MapSessions(this IEndpointRouteBuilder admin, RuntimeServices live)
    {
        admin.MapGet("sessions", context => ListAsync(context, live));
        admin.MapGet("sessions/{id}", context => ShowAsync(context, live));
        admin.MapPost("sessions/{id}/kick", async context =>
            await RuntimeEndpoints.Answer(context, await live.Sessions.KickAsync(RuntimeEndpoints.Route(context, "id"), context.RequestAborted)));
        admin.MapGet("sessions/{id}/tail", context => TailAsync(context, live));
    }

    private static async Task ListAsync(HttpContext context, RuntimeServices live)
    {
        if (context.Request.Query["account"].ToString() is not { Length: > 0 } text)
        {
            await WriteAsync(context, await live.Sessions.ListAsync(null, context.RequestAborted));
            return;
        }

        var account = EmailAddress.TryParse(text, out var address) ? (await live.Directory.FindLoginAsync(address, context.RequestAborted))?.Account.Id : null;
        if (account is null) await RuntimeEndpoints.Answer(context, found: false);
        else await WriteAsync(context, await live.Sessions.ListAsync(account, context.RequestAborted));
    }

    private static async Task ShowAsync(HttpContext context, RuntimeServices live)
    {
        var all = await live.Sessions.ListAsync(null, context.RequestAborted);
        if (all.FirstOrDefault(s => s.Id == RuntimeEndpoints.Route(context, "id")) is { } session) await WriteAsync(context, [session]);
        else await RuntimeEndpoints.Answer(context, found: false);
    }

    /// <summary>Streams the lines of a session as one JSON document per line, until the session ends or the client disconnects.</summary>
    private static async Task TailAsync(HttpContext context, RuntimeServices live)
    {
        if (await live.Sessions.TailAsync(RuntimeEndpoints.Route(context, "id"), context.RequestAborted) is not { } lines)
        {
            await RuntimeEndpoints.Answer(context, found: false);
            return;
        }

        context.Response.ContentType = "application/x-ndjson";
        await context.Response.Body.FlushAsync(context.RequestAborted);
        try
        {
            await foreach (var line in lines.ReadAllAsync(context.RequestAborted))
            {
                var document = new TailLineDocument(line.At, line.FromClient ? "client" : "server", line.Text);
                await JsonSerializer.SerializeAsync(context.Response.Body, document, RuntimeJson.Default.TailLineDocument, context.RequestAborted);
                await context.Response.WriteAsync("\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            // The client disconnected.
        }
    }

    private static Task WriteAsync(HttpContext context, IReadOnlyList<SessionDescription> sessions) =>
        RuntimeEndpoints.WriteAsync(context, new SessionListDocument([.. sessions.Select(Describe)]));

    private static SessionDocument Describe(SessionDescription session) => new(
        session.Id,
        session.Listener,
        session.Account?.ToString() ?? "",
        session.Remote.ToString(),
        session.Client ?? "",
        session.Tls is { } tls ? $"{tls.Protocol} {tls.CipherSuite}" : "",
        session.State,
        session.Folder ?? "",
        session.LastCommand ?? "",
        session.LastCommandAt,
        session.StartedAt,
        session.BytesIn,
        session.BytesOut,
        session.MailboxInbox,
        session.Node ?? "",
        session.MailboxNode ?? "");
}
