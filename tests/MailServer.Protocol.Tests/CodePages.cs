using System.Runtime.CompilerServices;
using System.Text;

namespace MailServer.Protocol.Tests;

internal static class CodePages
{
    /// <summary>
    /// MimeKit decides once, at its first use, which legacy charsets there are. In the server <c>MessageFormat</c> is made before that; here any test
    /// may come first.
    /// </summary>
    [ModuleInitializer]
    internal static void Register() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
}
