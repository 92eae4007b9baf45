using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.Logging;

namespace MailServer.Web.Pages.Serving;

/// <summary>Renders components to HTML. They get all data as parameters and use no services, so the server needs no Razor infrastructure.</summary>
internal sealed class PageRenderer(ILoggerFactory loggers)
{
    public async Task<string> RenderAsync(PageContext page, Type view, object model)
    {
        await using var renderer = new HtmlRenderer(NoServices.Instance, loggers);
        var parameters = ParameterView.FromDictionary(new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            [nameof(Document.Page)] = page,
            [nameof(Document.View)] = view,
            [nameof(Document.Model)] = model,
        });
        return await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<Document>(parameters)).ToHtmlString());
    }

    private sealed class NoServices : IServiceProvider
    {
        public static NoServices Instance { get; } = new();

        public object? GetService(Type serviceType) => null;
    }
}
