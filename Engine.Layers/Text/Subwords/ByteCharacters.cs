namespace Engine.Layers;

/// <summary>A character for each byte, all of them visible, as GPT-2's files write tokens.</summary>
/// <remarks>Bytes that are visible in Latin-1 stand for themselves, the others take the characters from U+0100 on. Source: bytes_to_unicode of openai/gpt-2.</remarks>
internal static class ByteCharacters
{
    private static readonly char[] Characters = Make();
    private static readonly byte[] Bytes = Back();

    /// <summary>U+0100 + the 68 bytes that are not visible.</summary>
    private const int End = 0x100 + 68;

    public static char Of(byte value) => Characters[value];

    /// <summary>A token's bytes; null where a character stands for none.</summary>
    public static byte[]? ToBytes(string token)
    {
        var bytes = new byte[token.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            if (token[i] >= End || Characters[bytes[i] = Bytes[token[i]]] != token[i]) return null;
        }
        return bytes;
    }

    private static char[] Make()
    {
        var characters = new char[256];
        int hidden = 0x100;
        for (int value = 0; value < 256; value++) characters[value] = value is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE ? (char)value : (char)hidden++;
        return characters;
    }

    private static byte[] Back()
    {
        var bytes = new byte[End];
        for (int value = 0; value < 256; value++) bytes[Characters[value]] = (byte)value;
        return bytes;
    }
}
