using System.Runtime.CompilerServices;
using System.Text;

namespace MailServer.Protocol.Tests;

internal static class CodePages
{
    /// <summary>
    /// MimeKit registers legacy charsets once, at its first use. In the server <c>MessageFormat</c> is created before that; here any test
    /// may run first.
    /// </summary>
    [ModuleInitializer]
    internal static void Register() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
}
