using System.Diagnostics;

namespace Portal.Bench.Servers;

/// <summary>nginx with the keys in its configuration: a simpler setup than Portal that only checks keys.</summary>
internal static class Nginx
{
    public const string Tool = "nginx";

    /// <param name="folder">An empty folder for its files.</param>
    public static async Task<Server> StartAsync(string folder, string upstream, string key)
    {
        Directory.CreateDirectory(folder);
        var address = new Uri($"http://127.0.0.1:{Server.FreePort()}");
        var configuration = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(configuration, Configuration(folder, address, new Uri(upstream), key));
        var start = new ProcessStartInfo(Tools.Find(Tool)!, ["-p", folder, "-c", configuration, "-e", Path.Combine(folder, "error.log")]);
        return await Server.StartAsync("nginx", start, address);
    }

    /// <summary>Keeps connections to the upstream open and logs nothing, like Portal and YARP.</summary>
    private static string Configuration(string folder, Uri address, Uri upstream, string key) => $$"""
        worker_processes auto;
        daemon off;
        pid {{folder}}/nginx.pid;
        error_log {{folder}}/error.log warn;
        events { worker_connections 1024; }
        http {
          access_log off;
          client_body_temp_path {{folder}}/body;
          proxy_temp_path {{folder}}/proxy;
          fastcgi_temp_path {{folder}}/fastcgi;
          uwsgi_temp_path {{folder}}/uwsgi;
          scgi_temp_path {{folder}}/scgi;
          keepalive_requests 1000000000;
          map_hash_bucket_size 128;
          map $http_authorization $known {
            default 0;
            "{{key}}" 1;
          }
          upstream api {
            server {{upstream.Authority}};
            keepalive 64;
            keepalive_requests 1000000000;
          }
          server {
            listen {{address.Authority}};
            location /public/v1/agreements/ {
              if ($known = 0) { return 401; }
              proxy_pass http://api;
              proxy_http_version 1.1;
              proxy_set_header Connection "";
              proxy_set_header Authorization "";
            }
          }
        }
        """;
}
