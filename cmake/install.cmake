# `make install`, and what the Debian package holds. Programs, documents and units go below the prefix; settings,
# logrotate's file and nothing else below /etc.
install(TARGETS latchkey RUNTIME DESTINATION bin)
install(TARGETS latchkey-writer latchkey-worker RUNTIME DESTINATION libexec/latchkey)

file(GLOB units CONFIGURE_DEPENDS systemd/*.target systemd/*.socket systemd/*.timer)
install(FILES ${units} DESTINATION lib/systemd/system)
install(FILES systemd/sysusers.conf DESTINATION lib/sysusers.d RENAME latchkey.conf)
install(FILES systemd/tmpfiles.conf DESTINATION lib/tmpfiles.d RENAME latchkey.conf)
install(FILES systemd/sysctl.conf DESTINATION lib/sysctl.d RENAME 50-latchkey.conf)
install(FILES systemd/logrotate.conf DESTINATION /etc/logrotate.d RENAME latchkey)

file(GLOB documents CONFIGURE_DEPENDS docs/*.md)
install(FILES README.md CHANGELOG.md DESTINATION share/doc/latchkey)
install(FILES ${documents} DESTINATION share/doc/latchkey/docs)
install(DIRECTORY monitoring DESTINATION share/doc/latchkey)

# These name the prefix, which is known only now; and settings that are there are somebody's.
install(CODE "set(LATCHKEY_SOURCE \"${CMAKE_SOURCE_DIR}\")")
install(SCRIPT cmake/install_rendered.cmake)
