using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Listeners;

/// <summary>The pipeline of one kind of listener.</summary>
/// <param name="Listener">The kind.</param>
/// <param name="MaxBody">The default limit on request bodies in octets. Endpoints that accept larger bodies raise it for their requests.</param>
public sealed record ListenerPipeline(WebListenerKind Listener, long MaxBody)
{
    /// <summary>Middleware that runs before routing, in order.</summary>
    public IReadOnlyList<Func<HttpContext, RequestDelegate, Task>> Middleware { get; init; } = [];

    /// <summary>Maps the endpoints of the listener.</summary>
    public required Action<IEndpointRouteBuilder> Map { get; init; }

    /// <summary>Handles requests that match no route; 404 by default.</summary>
    public RequestDelegate Fallback { get; init; } = static http =>
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    };
}
