using System.Text;

namespace Engine.Layers;

/// <summary>Encodings that refuse what is not theirs, rather than putting � in its place.</summary>
internal static class Strict
{
    public static readonly Encoding Utf8 = Of(Encoding.UTF8);

    public static Encoding Of(Encoding? encoding)
        => encoding is null ? Utf8 : Encoding.GetEncoding(encoding.CodePage, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);

    /// <summary>The text of a file's bytes, without the encoding's mark at the beginning.</summary>
    /// <exception cref="DataFormatException">They are not of that encoding.</exception>
    public static string Decode(ReadOnlySpan<byte> bytes, Encoding encoding, string file)
    {
        int mark = bytes.StartsWith(encoding.Preamble) ? encoding.Preamble.Length : 0;
        try
        {
            return encoding.GetString(bytes[mark..]);
        }
        catch (DecoderFallbackException e)
        {
            throw new DataFormatException(file, mark + e.Index, $"the byte is not {encoding.WebName}. Name the file's encoding, Encoding.Latin1 say.", e);
        }
    }
}
