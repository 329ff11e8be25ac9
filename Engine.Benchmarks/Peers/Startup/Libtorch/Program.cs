using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Engine.Peers;
using TorchSharp;
using static TorchSharp.torch;

// WEIGHTS: the article's CNN with the weights of a safetensors file; its first score of one image, and then the peak of memory in bytes.
var model = LibtorchCnn.Build();
model.eval();
byte[] file = File.ReadAllBytes(args[0]);
int begin = 8 + (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
using (var header = JsonDocument.Parse(file.AsMemory(8, begin - 8)))
using (no_grad())
    foreach (var (name, parameter) in model.named_parameters())
    {
        var at = header.RootElement.GetProperty(name).GetProperty("data_offsets");
        using var numbers = tensor(MemoryMarshal.Cast<byte, float>(file.AsSpan((begin + at[0].GetInt32())..(begin + at[1].GetInt32()))).ToArray(), parameter.shape);
        parameter.copy_(numbers);
    }
using (inference_mode())
{
    using var x = full([1, 1, 28, 28], 0.5f);
    using var y = model.forward(x);
    Console.WriteLine(y.data<float>()[0].ToString("R", CultureInfo.InvariantCulture));
}
Console.WriteLine(PeakMemory.Bytes().ToString(CultureInfo.InvariantCulture));
