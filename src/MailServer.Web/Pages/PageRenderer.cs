using MailServer.Web.Pages.Parts;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MailServer.Web.Pages;

/// <summary>Turns components into HTML. It has services of its own, made at the first page: a server that shows none pays nothing.</summary>
internal sealed class PageRenderer(ILoggerFactory loggers) : IAsyncDisposable
{
    private readonly Lazy<ServiceProvider> _services = new(() => new ServiceCollection().BuildServiceProvider());

    public async Task<string> RenderAsync(PageContext page, Type view, object model)
    {
        await using var renderer = new HtmlRenderer(_services.Value, loggers);
        var parameters = ParameterView.FromDictionary(new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            [nameof(Document.Page)] = page,
            [nameof(Document.View)] = view,
            [nameof(Document.Model)] = model,
        });
        return await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<Document>(parameters)).ToHtmlString());
    }

    public async ValueTask DisposeAsync()
    {
        if (_services.IsValueCreated) await _services.Value.DisposeAsync();
    }
}
