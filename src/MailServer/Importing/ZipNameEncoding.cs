using System.Text;

namespace MailServer.Importing;

/// <summary>
/// The encoding of file names in zip archives that do not say that they are UTF-8 (APPNOTE 4.4.4, bit 11). Many programs write UTF-8 without saying so; the others write code page 437, as the format's first version had it.
/// </summary>
internal sealed class ZipNameEncoding : Encoding
{
    private static readonly Encoding Utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly Encoding CodePage437 = CodePagesEncodingProvider.Instance.GetEncoding(437)!;

    public override int GetByteCount(char[] chars, int index, int count) => Utf8.GetByteCount(chars, index, count);

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) => Utf8.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

    public override int GetCharCount(byte[] bytes, int index, int count) => EncodingOf(bytes.AsSpan(index, count)).GetCharCount(bytes, index, count);

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) =>
        EncodingOf(bytes.AsSpan(byteIndex, byteCount)).GetChars(bytes, byteIndex, byteCount, chars, charIndex);

    public override int GetMaxByteCount(int charCount) => Utf8.GetMaxByteCount(charCount);

    public override int GetMaxCharCount(int byteCount) => Utf8.GetMaxCharCount(byteCount);

    private static Encoding EncodingOf(ReadOnlySpan<byte> name) => System.Text.Unicode.Utf8.IsValid(name) ? Utf8 : CodePage437;
}
