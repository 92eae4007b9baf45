using System.Text.RegularExpressions;

namespace MailServer.Architecture.Tests;

/// <summary>
/// Request bodies are read in one place, which limits the memory of all requests together. This test finds every other use of a request's body or form,
/// and every buffer whose size a client announces.
/// </summary>
public sealed partial class RequestBodyTests
{
    private static readonly string[] Places =
    [
        "src/MailServer.Web/Listeners/RequestBodies.cs", "src/MailServer.Web/Listeners/RequestBodyReading.cs", "src/MailServer.Web/Listeners/DecodedRequestBody.cs",
    ];

    private static IEnumerable<string> Files => SourceTree.TrackedFiles.Where(static f =>
        (f.StartsWith("src/MailServer.Web/", StringComparison.Ordinal) || f.StartsWith("src/MailServer/", StringComparison.Ordinal))
        && (f.EndsWith(".cs", StringComparison.Ordinal) || f.EndsWith(".razor", StringComparison.Ordinal)));

    [Fact]
    public void Request_bodies_are_read_in_one_place() => Violations.AssertNone(
        from file in Files
        where !Places.Contains(file, StringComparer.Ordinal)
        from line in SourceTree.ReadLines(file).Select(static (text, n) => (Text: text, Number: n + 1))
        where Reading().IsMatch(line.Text)
        select $"{file}:{line.Number}: use ReadBodyAsync or ReadFormAsync of HttpContext: {line.Text.Trim()}");

    [Fact]
    public void The_listed_source_files_exist_and_read_bodies() => Assert.All(Places, static p => Assert.Contains(SourceTree.ReadLines(p), static l => Reading().IsMatch(l)));

    [Theory]
    [InlineData("await context.Request.Body.CopyToAsync(body)", true)]
    [InlineData("var reader = http.Request.BodyReader;", true)]
    [InlineData("var body = request.Body;", true)]
    [InlineData("var form = await http.Request.ReadFormAsync();", true)]
    [InlineData("http.Request.Form[\"x\"]", true)]
    [InlineData("await new FormFeature(http.Request).ReadFormAsync(cancel)", true)]
    [InlineData("await context.Request.ReadFromJsonAsync<X>()", true)]
    [InlineData("new MemoryStream((int)(context.Request.ContentLength ?? 0))", true)]
    [InlineData("var length = Http.Request.ContentLength;", true)]
    [InlineData("if (request.Http.Request.ContentLength > 0 && type is not null)", false)]
    [InlineData("await http.Response.Body.WriteAsync(content)", false)]
    [InlineData("return await http.ReadFormAsync(options, maxSize);", false)]
    [InlineData("await response.Content.ReadFromJsonAsync(type)", false)]
    public void The_pattern_matches_reading(string line, bool isReading) => Assert.Equal(isReading, Reading().IsMatch(line));

    [GeneratedRegex(
        @"\b[Rr]equest\.(Body|BodyReader|Form|ReadForm(Async)?|ReadFromJsonAsync)\b|\b(new )?FormFeature\(|IHttpMaxRequestBodySizeFeature>\(\)\.|\bBindAsync\b|\[FromBody\]|\b[Rr]equest\.ContentLength\b(?!\s*>)",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Reading();
}
